// Whether there is a phone to text from: in the demo only.
import { useStart } from '../../lib/start.ts';
import { useScreen } from '../../lib/store.ts';

export function usePhoneAvailable(): boolean {
  return useStart()?.demo ?? false;
}

/** Whether it stands beside the page. Left open in a demo, it takes no room where there is none. */
export function usePhoneShown(): boolean {
  // Null: it decides by itself whether a newcomer finds it open.
  const mayShow = useScreen((screen) => screen.phoneOpen) !== false;
  return usePhoneAvailable() && mayShow;
}
