// Exchanges that sluice answers otherwise, on purpose: why.

const RESCALED = 'of the default scheduler; here every job can be rescaled';
const BATCH = 'of batch jobs; here every job streams';

export const DEVIATIONS: Readonly<Record<string, string>> = {
  'GET /jobs/:jobid finished': BATCH,
  'GET /jobs/:jobid/checkpoints finished': BATCH,
  'GET /jobs/:jobid/checkpoints/config finished': BATCH,
  'GET /jobs/:jobid/checkpoints/details/:checkpointid disabled':
    'a fault of Flink: another job answers',
  'GET /jobs/:jobid/vertices/:vertexid/backpressure cancelled':
    'recorded while it still ran; here nothing is known of what has ended',
  'GET /jobs/:jobid/vertices/:vertexid/backpressure waiting-for-slots':
    'a fault of Flink: 500; here nothing is known of it',
  'GET /jobs/:jobid/resource-requirements running': RESCALED,
  'PUT /jobs/:jobid/resource-requirements default-scheduler-full': RESCALED,
  'PUT /jobs/:jobid/resource-requirements adaptive-minus-one': 'a fault of Flink: 500; here 400',
  'DELETE /jars/:jarid traversal': 'a name like any other that is none: 400',
};
