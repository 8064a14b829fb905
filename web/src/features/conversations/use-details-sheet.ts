// Whether the details are shown as a sheet. It stands in the browser's history, so that “Back” closes it and leaves nothing.
import { useLocation, useNavigate } from 'react-router';

export function useDetailsSheet(): readonly [isOpen: boolean, setOpen: (open: boolean) => void] {
  const { pathname, search, state } = useLocation();
  const navigate = useNavigate();
  const isOpen = (state as { details?: boolean } | null)?.details === true;
  const setOpen = (open: boolean) => {
    if (open === isOpen) return;
    void (open ? navigate({ pathname, search }, { state: { details: true } }) : navigate(-1));
  };
  return [isOpen, setOpen];
}
