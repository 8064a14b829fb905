// Mails by SMTP (RFC 5321), through nodemailer. One connection a mail: they are few, and nothing is left open.
import type { SMTPTransportOptions } from 'nodemailer';
import { type Mail, MailError, type MailTransport } from '../../core/mail.ts';

const connectMs = 10_000;
const answerMs = 20_000;
/** All of it: a server that says a little every few seconds is never silent for long. */
const sendMs = 60_000;

/**
 * @param url `smtp://` or `smtps://`, with user and password where the server asks for them, both percent-encoded
 * @param from whom mails are from
 */
export function createSmtpTransport(url: string, from: string, limits = { sendMs }): MailTransport {
  const options = readUrl(url);
  return {
    send: async (mail, signal) => {
      // Loaded when there is a first mail.
      const { createTransport } = await import('nodemailer');
      const connection = createTransport(options);
      const bounded = AbortSignal.any([signal, AbortSignal.timeout(limits.sendMs)]);
      try {
        await connection.sendMail({ ...toMessage(mail), from, signal: bounded });
      } catch (error) {
        throw bounded.aborted ? new MailError('it took too long', false) : toMailError(error);
      } finally {
        connection.close();
      }
    },
  };
}

function readUrl(url: string): SMTPTransportOptions {
  const { protocol, hostname, port, username, password } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const isSecure = protocol === 'smtps:';
  const isThisMachine = host === 'localhost' || host === '::1' || host.startsWith('127.');
  return {
    host,
    port: Number(port) || (isSecure ? 465 : 587),
    secure: isSecure,
    // Whoever stands in between could leave out the server's offer to encrypt.
    requireTLS: username !== '' && !isThisMachine,
    ...(username ? { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } } : {}),
    connectionTimeout: connectMs,
    greetingTimeout: connectMs,
    socketTimeout: answerMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

const toMessage = ({ id, to, subject, text }: Mail & { id: string }) => ({
  // As an object: an address that is written as text may be several.
  to: { name: '', address: to },
  subject,
  text,
  messageId: `<${id}@parley>`,
  // RFC 3834: nobody's absence notice answers it.
  headers: { 'Auto-Submitted': 'auto-generated' },
});

function toMailError(error: unknown): MailError {
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown };
  const reason = [code, responseCode].filter((part) => typeof part === 'string' || typeof part === 'number');
  // RFC 5321, 4.2.1: 5yz is for good. A wrong password is the operator's to mend, and then the mail goes.
  const isFinal = typeof responseCode === 'number' && responseCode >= 500 && code !== 'EAUTH';
  return new MailError(reason.join(' ') || 'unknown', isFinal);
}
