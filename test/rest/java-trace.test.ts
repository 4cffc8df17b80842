import { expect, test } from 'vitest';
import { gistOf } from '../../engine/rest/java-trace.ts';

test('of a trace the first message and that of the last cause are left, without classes', () => {
  const trace = `org.apache.flink.runtime.rest.handler.RestHandlerException: Job could not be found.
\tat org.apache.flink.runtime.rest.handler.job.JobCancellationHandler.lambda$handle(JobCancellationHandler.java:9)
Caused by: java.util.concurrent.CompletionException: org.apache.flink.FlinkJobNotFoundException: Could not find Flink job (ab)
\t... 5 more
`;
  expect(gistOf(trace)).toBe('Job could not be found. Could not find Flink job (ab)');
});

test('what a cause repeats is said once', () => {
  const trace = `java.util.concurrent.CompletionException: a.B: No such job: x
\tat java.base/java.lang.Thread.run(Thread.java:840)
Caused by: a.B: No such job: x`;
  expect(gistOf(trace)).toBe('No such job: x');
});

test('of a fault on the server its cause is told', () => {
  expect(
    gistOf(
      '<Exception on server side:\njava.lang.IllegalStateException: no\n\tat a.B.c(B.java:1)\n\nEnd of exception on server side>',
    ),
  ).toBe('no');
});

test('text that is no trace stays as it is', () => {
  expect(gistOf('Job could not be found.\nat once')).toBe('Job could not be found.\nat once');
});
