// The knowledge: all sources, and each of them at its own address.
import { Route, Routes } from 'react-router';
import { Knowledge } from './knowledge.tsx';
import { KnowledgeSource } from './knowledge-source.tsx';

export function KnowledgeSection() {
  return (
    <Routes>
      <Route index element={<Knowledge />} />
      <Route path=":sourceId" element={<KnowledgeSource />} />
    </Routes>
  );
}
