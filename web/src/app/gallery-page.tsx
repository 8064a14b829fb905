// Every component in every state, in development only: /ui. English, because nobody but us reads it.
import { Archive, Bot, Inbox, Mail, MoreHorizontal, Search, Trash2, UserRound } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { ApiError, NetworkError } from '../lib/api.ts';
import { useShortcut } from '../lib/shortcuts.ts';
import { setScreen, type Theme, useScreen } from '../lib/store.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Badge } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { Checkbox } from '../ui/checkbox.tsx';
import { Chip, type Tone } from '../ui/chip.tsx';
import { ConfirmDialog, Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { Input } from '../ui/input.tsx';
import { Kbd } from '../ui/kbd.tsx';
import { Menu } from '../ui/menu.tsx';
import { Page, Section } from '../ui/page.tsx';
import { Popover } from '../ui/popover.tsx';
import { Progress } from '../ui/progress.tsx';
import { Select } from '../ui/select.tsx';
import { Sheet } from '../ui/sheet.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { EmptyState, ErrorState } from '../ui/states.tsx';
import { Switch } from '../ui/switch.tsx';
import { Table } from '../ui/table.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { Textarea } from '../ui/textarea.tsx';
import { Time } from '../ui/time.tsx';
import { toast, toastError } from '../ui/toast.tsx';

const tones: readonly Tone[] = ['neutral', 'accent', 'success', 'warning', 'danger', 'info'];
const grounds = [
  ['surface', 'bg-surface'],
  ['surface-raised', 'bg-surface-raised'],
  ['surface-sunken', 'bg-surface-sunken'],
  ['surface-hover', 'bg-surface-hover'],
  ['surface-selected', 'bg-surface-selected'],
  ['accent', 'bg-accent'],
  ['accent-soft', 'bg-accent-soft'],
  ['danger', 'bg-danger'],
  ['warning', 'bg-warning'],
  ['success', 'bg-success'],
  ['info', 'bg-info'],
  ['line', 'bg-line'],
  ['line-strong', 'bg-line-strong'],
] as const;

export function GalleryPage() {
  const theme = useScreen((screen) => screen.theme);
  return (
    <main className="h-dvh">
      <Page
        title="Design system"
        description="Every component, every state. Change the theme, the width and the zoom."
        width="wide"
        actions={
          <Select
            aria-label="Theme"
            value={theme}
            onChange={(next: Theme) => setScreen({ theme: next })}
            options={[
              { value: 'system', label: 'System' },
              { value: 'light', label: 'Light' },
              { value: 'dark', label: 'Dark' },
            ]}
          />
        }
      >
        <Foundations />
        <Buttons />
        <Fields />
        <Facts />
        <Floating />
        <Waiting />
      </Page>
    </main>
  );
}

function Row({ children }: { children: ReactNode }) {
  return <div className="mb-4 flex flex-wrap items-center gap-3">{children}</div>;
}

function Foundations() {
  return (
    <Section title="Colour and type">
      <Row>
        {grounds.map(([name, className]) => (
          <div key={name} className="w-24 text-text-muted text-tiny">
            <div className={`mb-1 h-10 rounded-control border border-line ${className}`} />
            {name}
          </div>
        ))}
      </Row>
      <p className="font-semibold text-heading">Heading: Harbour Bakery</p>
      <p className="font-semibold text-title">Title: What do people ask about?</p>
      <p className="max-w-measure text-thread">
        Thread, 15 px: Yes, on Wednesday and Saturday, baked first thing.
      </p>
      <p className="text-body">Body, 14 px: lists and forms.</p>
      <p className="text-meta text-text-muted">Meta, 13 px: 2 segments, $0.0158</p>
      <p className="text-text-muted text-tiny">Tiny, 11 px: chips and keycaps</p>
    </Section>
  );
}

function Buttons() {
  return (
    <Section title="Buttons">
      <Row>
        <Button variant="primary">Send</Button>
        <Button icon={Archive}>Archive</Button>
        <Button variant="bare">Show more</Button>
        <Button variant="danger" icon={Trash2}>
          Revoke the key
        </Button>
      </Row>
      <Row>
        <Button variant="primary" busy>
          Send
        </Button>
        <Button busy>Archive</Button>
        <Button variant="primary" disabled>
          Send
        </Button>
        <Button disabled>Archive</Button>
        <Button size="small">Small</Button>
      </Row>
      <Row>
        <IconButton label="Archive" icon={Archive} keys="e" />
        <IconButton label="Archive" icon={Archive} pressed />
        <IconButton label="Archive" icon={Archive} disabled />
        <IconButton label="Send" icon={Mail} tone="accent" />
        <IconButton label="Delete" icon={Trash2} tone="danger" size="small" />
        <Kbd keys="mod+k" /> <Kbd keys="g i" /> <Kbd keys="shift+enter" />
      </Row>
    </Section>
  );
}

function Fields() {
  const [on, setOn] = useState(true);
  const [some, setSome] = useState<boolean | 'indeterminate'>('indeterminate');
  const [role, setRole] = useState<'agent' | 'viewer'>('agent');
  return (
    <Section title="Fields">
      <div className="grid max-w-200 grid-cols-2 gap-5 phone:grid-cols-1">
        <Field label="Name" hint="Colleagues see it beside your messages.">
          <Input placeholder="Ada Lovelace" />
        </Field>
        <Field label="E-mail" error="An e-mail address has an @.">
          <Input defaultValue="ada.example.com" />
        </Field>
        <Field label="Search" optional>
          <Input icon={Search} placeholder="Contacts and messages" />
        </Field>
        <Field label="Role">
          <Select
            value={role}
            onChange={setRole}
            options={[
              { value: 'agent', label: 'Agent' },
              { value: 'viewer', label: 'Viewer' },
            ]}
          />
        </Field>
        <Field label="Persona" hint="Grows with what is written.">
          <Textarea defaultValue="You answer for Harbour Bakery. Be warm, brief and exact." />
        </Field>
        <Field label="Account SID">
          <Input disabled value="AC0123456789" readOnly />
        </Field>
        <Switch
          label="Answer by itself"
          hint="Drafts wait for a member otherwise."
          checked={on}
          onChange={setOn}
        />
        <div className="flex flex-col gap-2">
          <Checkbox label="Remember this" checked={on} onChange={setOn} />
          <Checkbox label="All conversations" checked={some} onChange={setSome} />
          <Checkbox label="Not for you" checked={false} disabled onChange={setOn} />
        </div>
      </div>
    </Section>
  );
}

function Facts() {
  const [tab, setTab] = useState<'open' | 'archived'>('open');
  const now = new Date().toISOString();
  return (
    <Section title="Facts">
      <Row>
        {tones.map((tone) => (
          <Chip key={tone} tone={tone} icon={Bot}>
            {tone}
          </Chip>
        ))}
        <Chip onRemove={() => toast({ text: 'Removed.' })} removeLabel="Remove Spanish">
          Spanish
        </Chip>
        <Badge count={3} label="unread" /> <Badge count={1200} label="unread" tone="neutral" />
      </Row>
      <Row>
        <Avatar name="María del Carmen" /> <Avatar name="Ada Lovelace" kind="member" />
        <Avatar name="Assistant" kind="assistant" /> <Avatar name={null} /> <Avatar name="Ada" size={20} />
        <Time at={now} /> <Time at="2026-01-05T10:00:00Z" /> <Time at={now} show="time" />
      </Row>
      <Tabs
        label="Conversations"
        value={tab}
        onChange={setTab}
        tabs={[
          {
            value: 'open',
            label: (
              <>
                Open <Badge count={4} label="open" tone="neutral" />
              </>
            ),
            content: (
              <Table
                caption="Members"
                rows={[
                  { name: 'Ada Lovelace', role: 'Owner', messages: 1204 },
                  { name: 'Grace Hopper', role: 'Agent', messages: 98 },
                ]}
                rowKey={(row) => row.name}
                columns={[
                  { name: 'name', head: 'Name', cell: (row) => row.name },
                  { name: 'role', head: 'Role', cell: (row) => <Chip>{row.role}</Chip> },
                  { name: 'messages', head: 'Messages', align: 'end', cell: (row) => row.messages },
                ]}
              />
            ),
          },
          { value: 'archived', label: 'Archived', content: 'Nothing was archived.' },
        ]}
      />
    </Section>
  );
}

function Floating() {
  const [dialog, setDialog] = useState(false);
  const [confirm, setConfirm] = useState(false);
  const [sheet, setSheet] = useState(false);
  useShortcut('gallery', 'd', 'Open the dialog', () => setDialog(true));
  return (
    <Section title="What floats">
      <Row>
        <Menu
          trigger={<IconButton label="More" icon={MoreHorizontal} />}
          items={[
            { heading: 'Conversation' },
            { label: 'Archive', icon: Archive, keys: 'e', onSelect: () => toast({ text: 'Archived.' }) },
            { label: 'Only mine', checked: true, onSelect: () => undefined },
            { label: 'Take over', disabled: true, onSelect: () => undefined },
            'line',
            { label: 'Delete', icon: Trash2, tone: 'danger', onSelect: () => undefined },
          ]}
        />
        <Popover label="Filter" trigger={<Button>Filter</Button>}>
          <Checkbox label="Unread only" checked onChange={() => undefined} />
        </Popover>
        <Button onClick={() => setDialog(true)}>Dialog</Button>
        <Button onClick={() => setConfirm(true)}>Question</Button>
        <Button onClick={() => setSheet(true)}>Sheet</Button>
        <Button
          onClick={() =>
            toast({ text: 'Archived.', onAction: () => toast({ text: 'Back again.', tone: 'success' }) })
          }
        >
          Toast with undo
        </Button>
        <Button onClick={() => toastError(new NetworkError(null))}>Toast of an error</Button>
      </Row>
      <Dialog
        open={dialog}
        onOpenChange={setDialog}
        title="Add a member"
        description="They get a link by mail, and choose their own password."
        footer={<Button variant="primary">Add</Button>}
      >
        <Field label="E-mail">
          <Input type="email" />
        </Field>
      </Dialog>
      <ConfirmDialog
        open={confirm}
        onOpenChange={setConfirm}
        title="Revoke this key?"
        text="What uses it stops working at once. Nothing that it did is lost."
        actionLabel="Revoke"
        danger
        onConfirm={() => undefined}
      />
      <Sheet open={sheet} onOpenChange={setSheet} title="Details">
        <p className="p-4">What is known about the contact.</p>
      </Sheet>
    </Section>
  );
}

function Waiting() {
  const refusal = new ApiError({
    status: 409,
    code: 'conversation.taken',
    message: 'Grace holds this conversation.',
    requestId: '0199-request',
  });
  return (
    <Section title="Waiting, empty, wrong">
      <div className="grid grid-cols-2 gap-6 phone:grid-cols-1">
        <SkeletonRows rows={3} avatar />
        <Progress value={0.4} label="Reading the knowledge" />
        <EmptyState
          icon={Inbox}
          title="No conversations yet"
          text="Whoever texts your number appears here."
          action={<Button variant="primary">Open the phone</Button>}
        />
        <EmptyState icon={UserRound} title="Nobody else is here" />
        <ErrorState
          error={refusal}
          title="The conversation could not be taken over"
          onRetry={() => undefined}
        />
        <ErrorState error={new NetworkError(null)} onRetry={() => undefined} />
      </div>
    </Section>
  );
}
