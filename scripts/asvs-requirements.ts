// Which requirements OWASP ASVS 5.0.0 has on its levels 1 and 2 (level 2 asks for both): the last number of each, by section.
// What they ask for is theirs to say: https://github.com/OWASP/ASVS/tree/v5.0.0

type Numbers = readonly [first: number, last: number] | null;

interface Section {
  readonly id: string;
  readonly level1: Numbers;
  readonly level2: Numbers;
  /** Asks for something that is written down, which a page of ours can show. */
  readonly isDocumentation: boolean;
}

const section = (id: string, level1: Numbers, level2: Numbers): Section => ({
  id,
  level1,
  level2,
  isDocumentation: false,
});
const documentation = (id: string, level1: Numbers, level2: Numbers): Section => ({
  ...section(id, level1, level2),
  isDocumentation: true,
});

const sections: readonly Section[] = [
  section('V1.1', null, [1, 2]),
  section('V1.2', [1, 5], [6, 9]),
  section('V1.3', [1, 2], [3, 11]),
  section('V1.4', null, [1, 3]),
  section('V1.5', [1, 1], [2, 2]),
  documentation('V2.1', [1, 1], [2, 3]),
  section('V2.2', [1, 2], [3, 3]),
  section('V2.3', [1, 1], [2, 4]),
  section('V2.4', null, [1, 1]),
  section('V3.2', [1, 2], null),
  section('V3.3', [1, 1], [2, 4]),
  section('V3.4', [1, 2], [3, 6]),
  section('V3.5', [1, 3], [4, 5]),
  section('V3.7', null, [1, 2]),
  section('V4.1', [1, 1], [2, 3]),
  section('V4.2', null, [1, 1]),
  section('V4.3', null, [1, 2]),
  section('V4.4', [1, 1], [2, 4]),
  documentation('V5.1', null, [1, 1]),
  section('V5.2', [1, 2], [3, 3]),
  section('V5.3', [1, 2], null),
  section('V5.4', null, [1, 3]),
  documentation('V6.1', [1, 1], [2, 3]),
  section('V6.2', [1, 8], [9, 12]),
  section('V6.3', [1, 2], [3, 4]),
  section('V6.4', [1, 2], [3, 4]),
  section('V6.5', null, [1, 5]),
  section('V6.6', null, [1, 3]),
  section('V6.8', null, [1, 4]),
  documentation('V7.1', null, [1, 3]),
  section('V7.2', [1, 4], null),
  section('V7.3', null, [1, 2]),
  section('V7.4', [1, 2], [3, 5]),
  section('V7.5', null, [1, 2]),
  section('V7.6', null, [1, 2]),
  documentation('V8.1', [1, 1], [2, 2]),
  section('V8.2', [1, 2], [3, 3]),
  section('V8.3', [1, 1], null),
  section('V8.4', null, [1, 1]),
  section('V9.1', [1, 3], null),
  section('V9.2', [1, 1], [2, 4]),
  section('V10.1', null, [1, 2]),
  section('V10.2', null, [1, 2]),
  section('V10.3', null, [1, 4]),
  section('V10.4', [1, 5], [6, 11]),
  section('V10.5', null, [1, 5]),
  section('V10.6', null, [1, 2]),
  section('V10.7', null, [1, 3]),
  documentation('V11.1', null, [1, 2]),
  section('V11.2', null, [1, 3]),
  section('V11.3', [1, 2], [3, 3]),
  section('V11.4', [1, 1], [2, 4]),
  section('V11.5', null, [1, 1]),
  section('V11.6', null, [1, 1]),
  section('V12.1', [1, 1], [2, 3]),
  section('V12.2', [1, 2], null),
  section('V12.3', null, [1, 4]),
  documentation('V13.1', null, [1, 1]),
  section('V13.2', null, [1, 5]),
  section('V13.3', null, [1, 2]),
  section('V13.4', [1, 1], [2, 5]),
  documentation('V14.1', null, [1, 2]),
  section('V14.2', [1, 1], [2, 4]),
  section('V14.3', [1, 1], [2, 3]),
  documentation('V15.1', [1, 1], [2, 3]),
  section('V15.2', [1, 1], [2, 3]),
  section('V15.3', [1, 1], [2, 7]),
  documentation('V16.1', null, [1, 1]),
  section('V16.2', null, [1, 5]),
  section('V16.3', null, [1, 4]),
  section('V16.4', null, [1, 3]),
  section('V16.5', null, [1, 3]),
  section('V17.1', null, [1, 1]),
  section('V17.2', null, [1, 4]),
  section('V17.3', null, [1, 2]),
];

export interface Requirement {
  /** `V1.2.3` */
  readonly id: string;
  readonly level: 1 | 2;
  readonly isDocumentation: boolean;
}

const spread = (numbers: Numbers): number[] =>
  numbers ? Array.from({ length: numbers[1] - numbers[0] + 1 }, (_, index) => numbers[0] + index) : [];

/** In the order of the standard. */
export const requirements: readonly Requirement[] = sections.flatMap(
  ({ id, level1, level2, isDocumentation }) => [
    ...spread(level1).map((number) => ({ id: `${id}.${number}`, level: 1 as const, isDocumentation })),
    ...spread(level2).map((number) => ({ id: `${id}.${number}`, level: 2 as const, isDocumentation })),
  ],
);
