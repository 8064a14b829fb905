// The runs: their list, and each at its own address.
import { Route, Routes } from 'react-router';
import { RunDetail } from './run-detail.tsx';
import { Runs } from './runs.tsx';

export function RunsSection() {
  return (
    <Routes>
      <Route index element={<Runs />} />
      <Route path=":runId" element={<RunDetail />} />
    </Routes>
  );
}
