// That codes by text are chosen for a verified number, with what is weaker about them said, and asked for at the sign-in.
import type { PhoneNumber } from '@parley/contract/phone-numbers';
import { screen } from '@testing-library/react';
import axe from 'axe-core';
import { expect, it } from 'vitest';
import { type Asked, refuse, serve } from '../../../test/fake-server.ts';
import { renderInApp } from '../../../test/render.tsx';
import { PhoneNumberFactor } from './phone-number-factor.tsx';
import { SecondStep } from './second-step.tsx';

const id = '01990000-0000-7000-8000-000000000042';
const number: PhoneNumber = {
  id,
  number: '+12025550142',
  verifiedAt: '2026-11-30T12:00:00.000Z',
  secondFactor: false,
  createdAt: '2026-11-30T12:00:00.000Z',
  code: null,
};

it('who chooses codes to a number is told what is weaker about them, and is shown backup codes once', async () => {
  const asked = serve({
    [`PUT /api/v1/auth/phone-numbers/${id}/second-factor`]: { codes: ['ABCD-EFGH', 'JKLM-NPQR'] },
  });
  const { user, container } = renderInApp(<PhoneNumberFactor number={number} />);
  expect((await axe.run(container)).violations).toEqual([]);
  screen.getByText(/texts can be intercepted/);
  await user.click(screen.getByRole('switch', { name: 'Ask for a code to it when I sign in' }));
  await screen.findByText('ABCD-EFGH');
  expect(asked.map(({ method }) => method)).toEqual(['PUT']);
});

it('at the sign-in a code is sent when it is asked for, and given like any other', async () => {
  let signedIn = false;
  const asked = serve({
    'POST /api/auth/sign-in/second-factor-code': { endsIn: '42', resendSeconds: 60 },
    'POST /api/auth/sign-in/second-factor': ({ body }: Asked) =>
      (body as { code: string }).code === '123456' ? { status: true } : refuse(401, 'INVALID_CODE', 'No.'),
  });
  const { user, container } = renderInApp(
    <SecondStep
      ways={['sms', 'backup_code']}
      onSignedIn={() => {
        signedIn = true;
      }}
      onBack={() => undefined}
      explain={() => 'Something else'}
    />,
  );
  expect(asked).toEqual([]);
  await user.click(screen.getByRole('button', { name: 'Send me a code' }));
  await screen.findByText(/on its way to •••• 42/);
  const again = screen.getByRole<HTMLButtonElement>('button', { name: /^Send a new code in \d+ s$/ });
  expect(again.disabled).toBe(true);
  expect((await axe.run(container)).violations).toEqual([]);
  await user.type(screen.getByLabelText('Code'), '123456');
  await user.click(screen.getByRole('button', { name: 'Continue' }));
  await expect.poll(() => signedIn).toBe(true);
  expect(asked.at(-1)?.body).toEqual({ way: 'sms', code: '123456', rememberDevice: false });
});
