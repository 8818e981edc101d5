#!/usr/bin/env -S node --import tsx
import { execute } from '@oclif/core';
import { withDefaultCommand } from '../src/commands/default.ts';

process.env.NODE_ENV = 'development';
await execute({ development: true, dir: import.meta.url, args: withDefaultCommand(process.argv.slice(2)) });
