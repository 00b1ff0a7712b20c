package io.tidemark.launcher.demo;

import io.tidemark.row.Schema;
import java.util.List;

/**
 * What a run of the demo came to.
 *
 * @param commitNanos how long each message took to become durable; of this run only
 */
record DemoResult(List<Collection> collections, List<Long> commitNanos) {

  /**
   * One collection.
   *
   * @param updates how many updates are durable
   * @param resumed how many of them were before this run
   * @param differences how many rows are not as they must be
   */
  record Collection(
      String name, Schema schema, long updates, long resumed, ReadBack read, long differences) {}

  boolean isAsExpected() {
    return collections.stream().allMatch(each -> each.differences() == 0);
  }

  /** Whether there was nothing left to publish. */
  boolean wasComplete() {
    return collections.stream().allMatch(each -> each.updates() == each.resumed());
  }

  boolean wasResumed() {
    return collections.stream().anyMatch(each -> each.resumed() > 0);
  }
}
