import { createPostgresOpener } from '../../support/postgres/postgres-database.ts';
import { describeStore } from '../contract/describe-store.ts';

describeStore('PostgreSQL store', createPostgresOpener());
