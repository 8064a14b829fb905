// The assistant's place: its sections beside each other on a wide screen; on a phone their list, then one of them at a time.
import { Suspense, useEffect, useRef } from 'react';
import { Navigate, Outlet, Route, Routes, useLocation, useMatch, useSearchParams } from 'react-router';
import { useTexts } from '../../lib/texts.ts';
import { useWide } from '../../lib/use-wide.ts';
import { Page } from '../../ui/page.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { SectionColumn, SectionList } from './section-list.tsx';
import { useSections } from './sections.tsx';
import { assistantTexts } from './texts.ts';

const telephoneWidthMax = 640;

export function AssistantPage() {
  const sections = useSections();
  return (
    <Routes>
      <Route element={<Frame />}>
        <Route index element={<Start />} />
        {sections.map(({ path, Component }) => (
          <Route key={path} path={`${path}/*`} element={<Component />} />
        ))}
        <Route path="*" element={<Navigate to="/assistant" replace />} />
      </Route>
    </Routes>
  );
}

function Frame() {
  const isWide = useWide(telephoneWidthMax);
  const pane = useRef<HTMLDivElement>(null);
  const isList = useMatch('/assistant') !== null;
  const { pathname } = useLocation();
  const last = useRef(pathname);
  // The pane that had the focus is gone: on a wide screen the column stays, and keeps it.
  useEffect(() => {
    if (last.current !== pathname && !isWide && !isList) pane.current?.focus({ preventScroll: true });
    last.current = pathname;
  }, [pathname, isWide, isList]);
  return (
    <div className="flex h-full">
      {isWide && <SectionColumn />}
      <div ref={pane} tabIndex={-1} className="min-w-0 grow outline-none">
        <Suspense fallback={<SkeletonRows rows={4} />}>
          <Outlet />
        </Suspense>
      </div>
    </div>
  );
}

/** The list on a phone, else the first section; the addresses of before had their section behind a question mark. */
function Start() {
  const texts = useTexts(assistantTexts);
  const sections = useSections();
  const isWide = useWide(telephoneWidthMax);
  const [search] = useSearchParams();
  const wanted = sections.find(({ path }) => path === search.get('tab'));
  const shown = wanted ?? (isWide ? sections[0] : undefined);
  if (shown) {
    const rest = new URLSearchParams(search);
    rest.delete('tab');
    const to = { pathname: `/assistant/${shown.path}`, search: rest.toString() };
    return <Navigate to={to} replace />;
  }
  return (
    <Page title={texts.title} description={texts.intro}>
      <SectionList />
    </Page>
  );
}
