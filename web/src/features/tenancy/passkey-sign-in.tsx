// Sign-in with a passkey: offered within the field of the address where the browser can, and by a button.
import { KeyRound } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import {
  canHavePasskeys,
  canOfferPasskeys,
  signInWithOffered,
  signInWithPasskey,
  wasGivenUp,
} from './passkey.ts';
import { secondStepTexts } from './second-step-texts.ts';

export function PasskeySignIn({ onSignedIn }: { onSignedIn: () => void }) {
  const texts = useTexts(secondStepTexts);
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState(false);
  const tell = useRef(onSignedIn);
  tell.current = onSignedIn;

  useEffect(() => {
    const offer = async () => {
      if ((await canOfferPasskeys()) && (await signInWithOffered())) tell.current();
    };
    // Whoever does not take the offer signs in by other ways.
    offer().catch((error: unknown) => setFailed(!wasGivenUp(error)));
  }, []);

  if (!canHavePasskeys()) return null;
  const signIn = async () => {
    setBusy(true);
    setFailed(false);
    try {
      await signInWithPasskey();
      onSignedIn();
    } catch (error) {
      setFailed(!wasGivenUp(error));
      setBusy(false);
    }
  };
  return (
    <>
      <Button icon={KeyRound} busy={busy} className="mt-3 h-9 w-full" onClick={() => void signIn()}>
        {texts.passkeySignIn}
      </Button>
      {failed && (
        <p role="alert" className="mt-2 text-danger-text text-meta">
          {texts.passkeyFailed}
        </p>
      )}
    </>
  );
}
