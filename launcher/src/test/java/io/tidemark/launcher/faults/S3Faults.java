package io.tidemark.launcher.faults;

import io.tidemark.S3Server;
import io.tidemark.TcpProxy;

/** An S3 server that dies, one that hangs, and one whose answers get lost, under load. */
final class S3Faults {

  private static final int DOWN_MILLIS = 2_000;

  /** Nothing has timed out by then: all of it is slow. */
  private static final int SLOW_MILLIS = 6_000;

  /** By then every request that was under way has timed out. */
  private static final int TIMED_OUT_MILLIS = 25_000;

  private final FaultRun run;
  private final S3Server server;
  private final TcpProxy proxy;

  /**
   * Faults of a server that all nodes reach through a proxy.
   *
   * @param proxy through which nodes reach the server
   */
  S3Faults(FaultRun run, S3Server server, TcpProxy proxy) {
    this.run = run;
    this.server = server;
    this.proxy = proxy;
  }

  /** Kills the server so many times, and starts it again. */
  void kills(int kills) {
    for (int kill = 0; kill < kills; kill++) {
      run.fault(
          FaultClass.S3_KILLED,
          () -> {
            server.kill();
            Deadline.pause(run.random().nextInt(DOWN_MILLIS));
            server.restart();
            return System.nanoTime();
          });
    }
  }

  /** Stops the server so many times; every second time for so long that requests time out. */
  void freezes(int freezes) {
    for (int freeze = 0; freeze < freezes; freeze++) {
      int millis = freeze % 2 == 0 ? run.random().nextInt(SLOW_MILLIS) : TIMED_OUT_MILLIS;
      run.fault(FaultClass.S3_FROZEN, () -> freeze(millis));
    }
  }

  private long freeze(int millis) throws InterruptedException {
    server.pauseProcess();
    try {
      Deadline.pause(millis);
    } finally {
      server.resumeProcess();
    }
    return System.nanoTime();
  }

  /**
   * Loses so many times what the server answers on every connection, after it has done its work.
   */
  void lostReplies(int times) {
    for (int i = 0; i < times; i++) {
      run.fault(
          FaultClass.S3_REPLY_LOST,
          () -> {
            long nanos = System.nanoTime();
            proxy.dropReplies();
            return nanos;
          });
    }
  }
}
