import { createPostgresOpener } from '../../support/postgres-database.ts';
import { describeStore } from '../describe-store.ts';

describeStore('PostgreSQL store', createPostgresOpener());
