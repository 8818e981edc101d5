#!/usr/bin/env node
import { main } from '../dist/commands/main.js';

process.on('SIGINT', () => process.exit(130));
await main(process.argv.slice(2), import.meta.url);
