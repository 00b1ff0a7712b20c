package io.tidemark.launcher.faults;

import io.tidemark.launcher.faults.ClusterNode.Place;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A {@link BusPublisher} in a process of its own. */
final class BusPublisherProcess implements AutoCloseable {

  private static final long OPEN_SECONDS = 90;

  private final ClusterNode process;
  private final Path history;
  private int checked;

  /** Starts it at {@code place}, in the cluster of {@code plan}. */
  BusPublisherProcess(ProcessCluster.Plan plan, Place place, String producer) throws IOException {
    this.history = plan.folder().resolve(producer + ".history");
    Place named =
        new Place(
            producer,
            place.busAddress(),
            place.hazelcastPort(),
            place.httpAddress(),
            place.httpPort(),
            place.command());
    // The place of the member list, under the name of the process.
    List<String> unused = ClusterFiles.options(plan, named);
    String classes = System.getProperty("java.class.path");
    process =
        new ClusterNode(
            named,
            plan.folder(),
            List.of(),
            List.of(
                "-cp",
                String.join(File.pathSeparator, System.getProperty("tidemark.jar"), classes),
                BusPublisher.class.getName(),
                plan.folder().resolve(producer + "-hazelcast.xml").toString(),
                place.busAddress(),
                plan.collection(),
                producer,
                history.toString()));
    process.start();
  }

  /** The file in which it keeps what it sent and what was acknowledged. */
  Path history() {
    return history;
  }

  /** Waits until it publishes. */
  void awaitPublishing() throws InterruptedException {
    Deadline.await(
        OPEN_SECONDS,
        () -> "the publisher in the cluster does not begin: " + process.tail(),
        () -> process.log().contains(BusPublisher.PUBLISHING));
  }

  /** The appends that have failed since this was asked last. */
  List<String> failedAppends() {
    String log = process.log();
    int from = checked;
    checked = log.length();
    return log.substring(from).lines().filter(line -> line.contains(BusPublisher.FAILED)).toList();
  }

  @Override
  public void close() {
    process.close();
  }
}
