import type { Command as Commander } from 'commander';
import { expect, test } from 'vitest';
import { commands } from './commands/list.ts';
import { buildProgram } from './program.ts';

function leavesOf(command: Commander, path: readonly string[] = []): { name: string; command: Commander }[] {
  if (command.commands.length === 0) return [{ name: path.join(' '), command }];
  return command.commands.flatMap((child) => leavesOf(child, [...path, child.name()]));
}

test('every command can be called, and besides them only the server', () => {
  const names = leavesOf(buildProgram()).map(({ name }) => name);
  expect(names.sort()).toEqual([...commands.map(({ name }) => name), 'serve'].sort());
});

test('every command says what it does and what each of its options means, and answers in JSON when asked', () => {
  for (const { name, command } of leavesOf(buildProgram())) {
    if (name === 'serve') continue;
    const help = command.helpInformation();
    expect(command.description(), name).not.toBe('');
    expect(help, name).toContain('--json');
    expect(help, name).toContain('--help');
    for (const option of command.options) expect(option.description, `${name} ${option.flags}`).not.toBe('');
    for (const argument of command.registeredArguments) expect(argument.description, name).not.toBe('');
  }
});

test('every group of commands says what it is about', () => {
  for (const group of buildProgram().commands.filter(({ commands: inner }) => inner.length > 0)) {
    expect(group.description(), group.name()).not.toBe('');
  }
});
