package io.tidemark.launcher.faults;

/** The kinds of faults that are injected: the rows of the table that a run prints. */
enum FaultClass {
  KILL_NODE("kill -9 of a node that does not coordinate"),
  KILL_COORDINATOR("kill -9 of the coordinator"),
  MINT_POINTS("death at a crash point of mint (M1-M6)"),
  WRITE_POINTS("death at a crash point of write (W1-W7)"),
  APPEND_POINTS("death at a crash point of append (A1-A8)"),
  ZOMBIE("coordinator stopped past its lease, then resumed"),
  ROLLING_RESTART("SIGTERM and restart of one node after the other"),
  TWO_CLUSTERS("two clusters at one shard by mistake"),
  COORDINATOR_CUT_OFF("network: coordinator cut off"),
  WRITER_CUT_OFF("network: a writer cut off"),
  HALVES("network: cluster split in two"),
  CONSENSUS_CUT_OFF("network: consensus unreachable from the coordinator"),
  SPLIT_BRAIN("network: two would-be coordinators, both with consensus"),
  POSTGRES_KILLED("PostgreSQL kill -9 and restart"),
  POSTGRES_REPLY_LOST("PostgreSQL's answer lost after COMMIT"),
  S3_KILLED("S3 server kill -9 and restart"),
  S3_FROZEN("S3 server stopped for a while, then resumed"),
  S3_REPLY_LOST("S3's answer lost after it was done");

  private final String text;

  FaultClass(String text) {
    this.text = text;
  }

  /** What the table calls it. */
  String text() {
    return text;
  }
}
