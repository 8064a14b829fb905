import { fireEvent } from '@testing-library/react';
import type { ReactElement } from 'react';
import { afterEach, expect, test, vi } from 'vitest';
import { serve } from '../../test/fake-server.ts';
import { renderInApp } from '../../test/render.tsx';
import { PasswordForm } from '../features/tenancy/password-form.tsx';
import { ResetPasswordPage } from './reset-password-page.tsx';
import { SignInPage } from './sign-in-page.tsx';

afterEach(() => vi.unstubAllGlobals());

const pages: readonly [string, () => ReactElement, string[]][] = [
  ['signing in', () => <SignInPage onSignedIn={() => undefined} />, ['current-password']],
  ['changing it', () => <PasswordForm />, ['current-password', 'new-password']],
  ['resetting it', () => <ResetPasswordPage />, ['new-password']],
];

test.each(pages)(
  '%s: a password is hidden, filled in by its manager, and pasted',
  async (_what, page, names) => {
    serve({});
    const { container, user } = renderInApp(page(), { path: '/reset-password#token=abc' });
    const fields = [...container.querySelectorAll<HTMLInputElement>('input[type="password"]')];
    expect(fields.map((field) => field.autocomplete)).toEqual(names);
    // Nothing that is called a password stands in plain sight.
    const others = [...container.querySelectorAll<HTMLInputElement>('input:not([type="password"])')];
    expect(others.filter((field) => /password/i.test(`${field.name}${field.autocomplete}`))).toEqual([]);
    for (const field of fields) {
      expect(fireEvent.paste(field)).toBe(true);
      await user.click(field);
      await user.paste('harbour lights at nine');
      expect(field.value).toBe('harbour lights at nine');
      expect([field.maxLength, field.pattern, field.readOnly]).toEqual([-1, '', false]);
    }
  },
);
