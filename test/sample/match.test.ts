import type { ArrivedMail } from '../../sample/01-send-important-emails/src/demo/mail-folder';
import { match } from '../../sample/01-send-important-emails/src/demo/match';
import type { Email } from '../../sample/01-send-important-emails/src/emails/email';

const email = (to: string, body = ''): Email => ({ to, subject: 's', body });
const mail = (content: Email): ArrivedMail => ({
  file: 'x.eml',
  email: content,
  jobId: '1',
  attempt: 1,
  arrivedAt: new Date(),
});

describe('match', () => {
  it('finds nothing wrong when each e-mail arrived once, in any order', () => {
    const emails = [email('a@example.com'), email('b@example.com')];
    expect(match(emails, emails.map(mail).reverse())).toMatchObject({ missing: [], surplus: [] });
  });

  it('tells what is missing and what nobody wrote', () => {
    const { missing, surplus } = match([email('a@example.com', 'x')], [mail(email('a@example.com', 'y'))]);
    expect(missing).toEqual([email('a@example.com', 'x')]);
    expect(surplus).toMatchObject([{ email: { body: 'y' } }]);
  });

  it('wants equal e-mails as often as they are there', () => {
    const twin = () => email('twin@example.com');
    expect(match([twin(), twin()], [mail(twin())])).toMatchObject({ missing: [twin()], surplus: [] });
    expect(match([twin()], [mail(twin()), mail(twin())])).toMatchObject({
      missing: [],
      surplus: [{ jobId: '1' }],
    });
  });
});
