// Counts words while they are typed. In another terminal, before or after this one is started:
//
//   nc -lk 9999
//
// then type there. To another address: npx sluice run notebooks/wordcount.ts --set host=… --set port=…
import { env } from 'sluice';

// %% Words
const host = env.param('host', 'localhost');
const port = env.param('port', 9999);
// So often it tries to connect, a second apart. With 0 the job ends with the connection.
const retries = env.param('retries', 60);

const words = env
  .socket(host, port, { retries })
  .flatMap((line) => line.toLowerCase().match(/\p{Letter}+/gu) ?? []);

words
  .keyBy((word) => word)
  .count()
  .print();
