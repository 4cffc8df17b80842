/** The version of Flink whose REST dialect this is. */
export const FLINK_VERSION = '2.2.0';
