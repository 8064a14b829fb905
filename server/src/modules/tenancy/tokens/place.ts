// Where an address is, by a file of the operator's (MaxMind's format): nobody outside is asked.
import { readFile } from 'node:fs/promises';
import type { SpokenLanguage } from '@parley/contract/common';
import type { Place } from '@parley/contract/sessions';
import ipaddr from 'ipaddr.js';
import type { Reader } from 'mmdb-lib';
import type { Kernel } from '../../../core/kernel.ts';

type Names = Readonly<Record<string, string | undefined>>;
/** What GeoLite2 and DB-IP say of an address, as far as it is read here. */
interface Entry {
  readonly country?: { readonly iso_code?: string };
  readonly city?: { readonly names?: Names };
}

const unknown: Place = { kind: 'unknown', country: null, city: null };
const ownNetwork: Place = { kind: 'this_network', country: null, city: null };
const ownRanges = new Set(['private', 'loopback', 'linkLocal', 'uniqueLocal', 'carrierGradeNat']);
const namesOf: Readonly<Record<SpokenLanguage, readonly string[]>> = {
  en: ['en'],
  es: ['es', 'en'],
  pt: ['pt-BR', 'pt', 'en'],
};

export class Places {
  readonly #kernel: Kernel;
  #reading: Promise<Reader<never> | null> | undefined;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  async of(address: string | null, language: SpokenLanguage): Promise<Place> {
    if (address === null || !ipaddr.isValid(address)) return unknown;
    const parsed = ipaddr.process(address);
    if (ownRanges.has(parsed.range())) return ownNetwork;
    this.#reading ??= this.#read();
    const reader = await this.#reading;
    const entry = reader?.get(parsed.toString()) as Entry | null | undefined;
    const country = entry?.country?.iso_code ?? null;
    const names = entry?.city?.names;
    const city = namesOf[language].map((name) => names?.[name]).find((name) => name !== undefined) ?? null;
    return country === null && city === null ? unknown : { kind: 'known', country, city };
  }

  async #read(): Promise<Reader<never> | null> {
    const file = this.#kernel.config.GEOIP_FILE;
    if (!file) return null;
    try {
      const { Reader } = await import('mmdb-lib');
      return new Reader(await readFile(file)) as Reader<never>;
    } catch (error) {
      this.#kernel.log.warn({ err: error }, 'the file of places could not be read');
      return null;
    }
  }
}
