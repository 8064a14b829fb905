// What the page of tools reads and changes.
import type { Tool, ToolChoice, ToolServer } from '@parley/contract/tools';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';
import { toastError } from '../../ui/toast.tsx';

export const toolsKey = [...queryKeys.assistant, 'tools'];
export const toolServersKey = [...queryKeys.assistant, 'tool-servers'];

interface Tools {
  items: Tool[];
}

export const useTools = () =>
  useQuery({ queryKey: toolsKey, queryFn: ({ signal }) => api.get<Tools>('/api/v1/tools', { signal }) });

export const useToolServers = () =>
  useQuery({
    queryKey: toolServersKey,
    queryFn: ({ signal }) => api.get<{ items: ToolServer[] }>('/api/v1/tool-servers', { signal }),
  });

/** The screen shows it at once, and takes back what failed. */
export function useChooseTool() {
  const client = useQueryClient();
  const put = (name: string, choice: Partial<ToolChoice>) =>
    client.setQueryData<Tools>(
      toolsKey,
      (tools) =>
        tools && { items: tools.items.map((tool) => (tool.name === name ? { ...tool, ...choice } : tool)) },
    );
  return useMutation({
    mutationFn: ({ tool, change }: { tool: Tool; change: Partial<ToolChoice> }) => {
      const { contacts, members, confirmation } = { ...tool, ...change };
      return api.put<Tool>(`/api/v1/tools/${tool.name}/choice`, { contacts, members, confirmation });
    },
    onMutate: ({ tool, change }) => put(tool.name, change),
    onSuccess: (tool) => put(tool.name, tool),
    onError: (error, { tool }) => {
      put(tool.name, tool);
      toastError(error);
    },
  });
}
