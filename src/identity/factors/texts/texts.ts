import { de } from './de.ts';
import { en, type FactorTexts } from './en.ts';

const LANGUAGES: Readonly<Record<string, FactorTexts>> = Object.assign(Object.create(null), { en, de });

/** The texts of a language; English where there are none of it. @param language `de`, `de-AT` */
export const textsIn = (language: string): FactorTexts => LANGUAGES[language.slice(0, 2).toLowerCase()] ?? en;
