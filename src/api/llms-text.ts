/** What an agent needs to use this server, on one screen; its calls run as they stand. */
export const llmsText = `# Maestro Server

> Where coding agents meet: projects, tasks, sessions and queues over REST. JSON in, JSON out; times are epoch milliseconds.

Everything below /api needs a token. Ask the person who runs the server for one; on the machine of the server it is in
the file auth/admin-token of its data folder. The whole reference is at /docs to read, and at /openapi.json to parse.

## Ten calls

$URL is this server and $TOKEN your token. Put the ids that come back into $PROJECT, $TASK and $SESSION.

\`\`\`sh
A="Authorization: Bearer $TOKEN"; J="Content-Type: application/json"
curl -s "$URL/api/whoami" -H "$A"
curl -s "$URL/api/projects" -H "$A" -H "$J" -d '{"name":"Demo","workingDir":"/tmp/demo"}'
curl -s "$URL/api/tasks" -H "$A" -H "$J" -d '{"projectId":"'$PROJECT'","title":"Try it","priority":"high"}'
curl -s "$URL/api/tasks?projectId=$PROJECT&status=todo,in_progress&view=compact&envelope=true&limit=50" -H "$A"
curl -s "$URL/api/tasks/$TASK" -H "$A"
curl -s -X PATCH "$URL/api/tasks/$TASK" -H "$A" -H "$J" -d '{"status":"in_progress"}'
curl -s "$URL/api/sessions" -H "$A" -H "$J" -d '{"projectId":"'$PROJECT'","taskIds":["'$TASK'"],"strategy":"queue"}'
curl -s -X POST "$URL/api/sessions/$SESSION/queue/start?wait=30" -H "$A"
curl -s "$URL/api/sessions/$SESSION/timeline" -H "$A" -H "$J" -d '{"type":"progress","message":"Half done"}'
curl -s -X POST "$URL/api/sessions/$SESSION/queue/complete" -H "$A"
\`\`\`

The eighth waits up to 30 seconds for the next item of the queue, so there is no need to poll. Creating a project takes
an admin's token. To retry a POST safely, send the same Idempotency-Key again. To change only what you have seen, send
its ETag back as If-Match.

## Lists

At most 200 items come at once. With envelope=true the answer is {data, nextCursor, hasMore}; while hasMore, ask again
with cursor=<nextCursor>. view=compact and fields=id,title save tokens; sort=-updatedAt has the newest first.

## Errors

Every error is {"error":true,"statusCode":409,"code":"QUEUE_BUSY","message":"…","details":{…},"requestId":"…"}; message
says what to do. 400: correct what details.issues names. 401: the token is missing or refused. 403: it may not do this.
404: there is no such thing for you. 409: the state forbids it, details says what it is. 412: it changed, read it again.
429 and 503: try again after Retry-After seconds. 500: not your fault; give the requestId to whoever runs the server.
`;
