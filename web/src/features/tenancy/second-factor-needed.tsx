// Shown at every address to a member without a second factor where the workspace wants one: they set one up, and go on.
import type { SecondFactor } from '@parley/contract/second-factor';
import type { Me } from '@parley/contract/tenancy';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../../lib/api.ts';
import { usePageTitle } from '../../lib/page-title.ts';
import { queryKeys } from '../../lib/query.ts';
import { setScreen } from '../../lib/store.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { FactorRow } from './second-factor-row.tsx';
import { SecondFactorSettings } from './second-factor-settings.tsx';
import { secondFactorTexts } from './second-factor-texts.ts';

interface SecondFactorNeededProps {
  me: Me;
  onSignOut: () => void;
}

export function SecondFactorNeeded({ me, onSignOut }: SecondFactorNeededProps) {
  const texts = useTexts(secondFactorTexts);
  const client = useQueryClient();
  usePageTitle(texts.required);
  // The same that the settings below read.
  const { data } = useQuery<SecondFactor>({
    queryKey: queryKeys.secondFactor,
    queryFn: ({ signal }) => api.get('/api/v1/auth/second-factor', { signal }),
  });
  // Codes by text open nothing here: who has chosen them would not see this page where they count.
  const isSetUp = data !== undefined && (data.totp !== null || data.passkeys.length > 0);
  const others = me.workspaces.filter(({ id }) => id !== me.workspace?.id);
  return (
    <main className="relative h-full overflow-y-auto bg-surface">
      <div className="mx-auto w-full max-w-140 px-6 py-12 phone:px-4 phone:py-6">
        <h1 className="font-semibold text-heading">{texts.required}</h1>
        <p className="mt-1 mb-6 text-text-muted">{texts.requiredText}</p>
        <h2 className="sr-only">{texts.title}</h2>
        <SecondFactorSettings />
        {data && !isSetUp && (
          <div className="mt-4 border-line border-t pt-4">
            <FactorRow title={texts.bySms} text={data.sms ? texts.smsTooLittle : texts.smsLater} />
          </div>
        )}
        <div className="mt-6 flex flex-wrap gap-2">
          <Button
            variant="primary"
            disabled={!isSetUp}
            onClick={() => void client.invalidateQueries({ queryKey: queryKeys.me })}
          >
            {texts.goOn}
          </Button>
          {others.map(({ id, name }) => (
            <Button
              key={id}
              onClick={() => {
                setScreen({ workspaceId: id });
                location.assign('/inbox');
              }}
            >
              {texts.elsewhere(name)}
            </Button>
          ))}
          <Button onClick={onSignOut}>{texts.signOut}</Button>
        </div>
      </div>
    </main>
  );
}
