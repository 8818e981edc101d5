#!/usr/bin/env node
import { execute } from '@oclif/core';
import { withDefaultCommand } from '../dist/commands/default.js';

process.on('SIGINT', () => process.exit(130));
await execute({ dir: import.meta.url, args: withDefaultCommand(process.argv.slice(2)) });
