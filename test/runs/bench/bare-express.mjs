// The floor that this server is measured against: the least that Express can do to give the same answers.
import { open } from 'node:fs/promises';
import express from 'express';

const [answer, journal] = process.argv.slice(2);
const task = JSON.parse(answer);
const file = await open(journal, 'a');
const app = express();

app.get('/api/tasks/:id', (_, res) => {
  res.json(task);
});

app.post('/api/tasks', express.json(), async (req, res) => {
  await file.appendFile(`${JSON.stringify({ ...task, ...req.body })}\n`);
  await file.datasync();
  res.status(201).json({ ...task, ...req.body });
});

const server = app.listen(0, '127.0.0.1', () =>
  process.stdout.write(`http://127.0.0.1:${server.address().port}\n`),
);
