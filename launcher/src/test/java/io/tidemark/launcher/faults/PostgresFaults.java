package io.tidemark.launcher.faults;

import io.tidemark.TcpProxy;
import io.tidemark.location.postgresql.PostgresServer;

/** A PostgreSQL server that dies, and one whose answers get lost, under load. */
final class PostgresFaults {

  private static final long DOWN_MILLIS = 2_000;

  private final FaultRun run;
  private final PostgresServer server;
  private final TcpProxy proxy;

  /**
   * Faults of a server that all nodes reach through a proxy.
   *
   * @param proxy through which nodes reach the server
   */
  PostgresFaults(FaultRun run, PostgresServer server, TcpProxy proxy) {
    this.run = run;
    this.server = server;
    this.proxy = proxy;
  }

  /** Kills the server so many times, and starts it again. */
  void kills(int kills) {
    for (int kill = 0; kill < kills; kill++) {
      run.fault(
          FaultClass.POSTGRES_KILLED,
          () -> {
            server.kill();
            Deadline.pause(run.random().nextLong(DOWN_MILLIS));
            server.start();
            return System.nanoTime();
          });
    }
  }

  /**
   * Loses so many times what the server answers on every connection, after it has done its work.
   */
  void lostReplies(int times) {
    for (int i = 0; i < times; i++) {
      run.fault(
          FaultClass.POSTGRES_REPLY_LOST,
          () -> {
            long nanos = System.nanoTime();
            proxy.dropReplies();
            return nanos;
          });
    }
  }
}
