/** Milliseconds of processor time that this thread spends on it, whatever else the machine is doing. */
export function processorMs(work: () => void): number {
  const before = process.threadCpuUsage();
  work();
  const spent = process.threadCpuUsage(before);
  return (spent.user + spent.system) / 1000;
}
