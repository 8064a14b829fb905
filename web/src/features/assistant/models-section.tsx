// The models: all of them, and each at its own address.
import { Route, Routes } from 'react-router';
import { ModelDetail } from './model-detail.tsx';
import { Models } from './models.tsx';

export function ModelsSection() {
  return (
    <Routes>
      <Route index element={<Models />} />
      <Route path=":modelId" element={<ModelDetail />} />
    </Routes>
  );
}
