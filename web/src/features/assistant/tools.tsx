// The tools of the assistant: who may use each, the workspace's own, and servers that bring some.
import type { Tool, ToolServer } from '@parley/contract/tools';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Pencil, Play, Plus, RefreshCw, Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { api } from '../../lib/api.ts';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { ConfirmDialog } from '../../ui/dialog.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Section } from '../../ui/page.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { toast, toastError } from '../../ui/toast.tsx';
import { ConfirmationCard, useWaiting } from '../conversations/confirmations.tsx';
import { toolNames } from '../conversations/texts-tool-names.ts';
import { SectionPage } from './section-page.tsx';
import { sectionTexts } from './texts-sections.ts';
import { toolTexts } from './texts-tools.ts';
import { ToolForm } from './tool-form.tsx';
import { toolServersKey, toolsKey, useChooseTool, useToolServers, useTools } from './tool-queries.ts';
import { ToolServerForm } from './tool-server-form.tsx';
import { ToolTest } from './tool-test.tsx';

export function Tools() {
  const texts = useTexts(toolTexts);
  const { tools: title } = useTexts(sectionTexts);
  const tools = useTools();
  return (
    <SectionPage title={title} description={texts.text}>
      {tools.isPending && <SkeletonRows rows={6} />}
      {tools.isError && !tools.data && (
        <ErrorState error={tools.error} title={texts.unreadable} onRetry={() => void tools.refetch()} />
      )}
      {tools.data && <Lists tools={tools.data.items} />}
    </SectionPage>
  );
}

function Lists({ tools }: { tools: readonly Tool[] }) {
  const texts = useTexts(toolTexts);
  const mayManage = useCan('assistant:manage');
  const servers = useToolServers().data?.items ?? [];
  const [editing, setEditing] = useState<string | 'new' | null>(null);
  const [trying, setTrying] = useState<Tool | null>(null);
  const [isAdding, setAdding] = useState(false);
  const own = tools.filter(({ origin }) => origin === 'http');
  const waiting = useWaiting();
  return (
    <>
      {waiting.length > 0 && (
        <Section title={texts.waiting}>
          <div className="flex max-w-measure flex-col gap-2">
            {waiting.map((confirmation) => (
              <ConfirmationCard key={confirmation.id} confirmation={confirmation} />
            ))}
          </div>
        </Section>
      )}
      <Section
        title={texts.own}
        description={texts.ownText}
        actions={
          mayManage && (
            <Button icon={Plus} onClick={() => setEditing('new')}>
              {texts.add}
            </Button>
          )
        }
      >
        {own.length === 0 ? (
          <p className="text-text-muted">{texts.noOwn}</p>
        ) : (
          <ToolList label={texts.own}>
            {own.map((tool) => (
              <ToolRow key={tool.name} tool={tool}>
                <OwnActions
                  tool={tool}
                  onEdit={() => setEditing(tool.originId)}
                  onTry={() => setTrying(tool)}
                />
              </ToolRow>
            ))}
          </ToolList>
        )}
      </Section>
      <Section title={texts.builtIn}>
        <ToolList label={texts.builtIn}>
          {tools
            .filter(({ origin }) => origin === 'built_in')
            .map((tool) => (
              <ToolRow key={tool.name} tool={tool} />
            ))}
        </ToolList>
      </Section>
      <Section
        title={texts.servers}
        description={texts.serversText}
        actions={
          mayManage && (
            <Button icon={Plus} onClick={() => setAdding(true)}>
              {texts.addServer}
            </Button>
          )
        }
      >
        {servers.length === 0 && <p className="text-text-muted">{texts.noServers}</p>}
        {servers.map((server) => (
          <ServerTools
            key={server.id}
            server={server}
            tools={tools.filter(({ originId }) => originId === server.id)}
          />
        ))}
      </Section>
      {editing && <ToolForm toolId={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
      {trying && <ToolTest tool={trying} onClose={() => setTrying(null)} />}
      {isAdding && <ToolServerForm onClose={() => setAdding(false)} />}
    </>
  );
}

function ToolList({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ul aria-label={label} className="divide-y divide-line">
      {children}
    </ul>
  );
}

function ToolRow({ tool, children }: { tool: Tool; children?: ReactNode }) {
  const texts = useTexts(toolTexts);
  const mayManage = useCan('assistant:manage');
  const choose = useChooseTool();
  const names: Readonly<Record<string, string>> = useTexts(toolNames);
  const name = names[tool.name] ?? tool.name;
  const isBuiltIn = tool.origin === 'built_in';
  const change = (change: Parameters<typeof choose.mutate>[0]['change']) => choose.mutate({ tool, change });
  return (
    <li className="flex flex-wrap items-start gap-x-6 gap-y-2 py-3">
      <div className="min-w-48 grow basis-64">
        <p className="break-words font-medium">{name}</p>
        {!isBuiltIn && (
          <p className="line-clamp-2 max-w-measure break-words text-meta text-text-muted">
            {tool.description}
          </p>
        )}
        {tool.alwaysConfirmed && <p className="text-meta text-text-muted">{texts.alwaysConfirmed}</p>}
      </div>
      <fieldset className="flex flex-wrap items-center gap-x-5 gap-y-2">
        <legend className="sr-only">{texts.forWhom(name)}</legend>
        {tool.forContacts && (
          <Checkbox
            label={texts.forContacts}
            checked={tool.contacts}
            disabled={!mayManage}
            onChange={(contacts) => change({ contacts })}
          />
        )}
        {tool.forMembers && (
          <Checkbox
            label={texts.forMembers}
            checked={tool.members}
            disabled={!mayManage}
            onChange={(members) => change({ members })}
          />
        )}
        <Checkbox
          label={texts.confirmed}
          checked={tool.confirmation}
          disabled={!mayManage || tool.alwaysConfirmed}
          onChange={(confirmation) => change({ confirmation })}
        />
        {children}
      </fieldset>
    </li>
  );
}

function OwnActions({ tool, onEdit, onTry }: { tool: Tool; onEdit: () => void; onTry: () => void }) {
  const texts = useTexts(toolTexts);
  const mayManage = useCan('assistant:manage');
  const client = useQueryClient();
  const [removing, setRemoving] = useState(false);
  if (!mayManage) return null;
  return (
    <div className="flex">
      <IconButton label={`${texts.try}: ${tool.name}`} icon={Play} onClick={onTry} />
      <IconButton label={`${texts.edit}: ${tool.name}`} icon={Pencil} onClick={onEdit} />
      <IconButton
        label={`${texts.remove}: ${tool.name}`}
        icon={Trash2}
        tone="danger"
        onClick={() => setRemoving(true)}
      />
      <ConfirmDialog
        open={removing}
        onOpenChange={setRemoving}
        danger
        title={texts.removeTitle(tool.name)}
        text={texts.removeText}
        actionLabel={texts.remove}
        onConfirm={async () => {
          await api.delete(`/api/v1/http-tools/${tool.originId}`);
          await client.invalidateQueries({ queryKey: toolsKey });
          toast({ text: texts.removed(tool.name) });
        }}
      />
    </div>
  );
}

function ServerTools({ server, tools }: { server: ToolServer; tools: readonly Tool[] }) {
  const texts = useTexts(toolTexts);
  const mayManage = useCan('assistant:manage');
  const client = useQueryClient();
  const [removing, setRemoving] = useState(false);
  const readAgain = () =>
    Promise.all([toolsKey, toolServersKey].map((queryKey) => client.invalidateQueries({ queryKey })));
  const look = useMutation({
    mutationFn: () => api.put<ToolServer>(`/api/v1/tool-servers/${server.id}/listing`),
    onSuccess: async () => {
      await readAgain();
      toast({ text: texts.lookedAgain(server.name), tone: 'success' });
    },
    onError: toastError,
  });
  return (
    <div className="mb-4">
      <div className="flex items-center gap-3">
        <div className="min-w-0 grow">
          <h3 className="font-medium">{server.name}</h3>
          <p className="truncate text-meta text-text-muted">
            {new URL(server.url).host} · {texts.toolCount(server.tools.length)}
          </p>
        </div>
        {mayManage && (
          <>
            <Button size="small" icon={RefreshCw} busy={look.isPending} onClick={() => look.mutate()}>
              {texts.lookAgain}
            </Button>
            <IconButton
              label={`${texts.remove}: ${server.name}`}
              icon={Trash2}
              tone="danger"
              onClick={() => setRemoving(true)}
            />
          </>
        )}
      </div>
      <ToolList label={server.name}>
        {tools.map((tool) => (
          <ToolRow key={tool.name} tool={tool} />
        ))}
      </ToolList>
      <ConfirmDialog
        open={removing}
        onOpenChange={setRemoving}
        danger
        title={texts.removeServerTitle(server.name)}
        text={texts.removeServerText}
        actionLabel={texts.remove}
        onConfirm={async () => {
          await api.delete(`/api/v1/tool-servers/${server.id}`);
          await readAgain();
          toast({ text: texts.removed(server.name) });
        }}
      />
    </div>
  );
}
