package io.tidemark.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** What tests of a whole node have in common: a directory, and the node on it. */
abstract class PipelineTest {

  @TempDir Path directory;

  private TestNode node;

  /** The node, which starts when it is first asked for. */
  final TestNode node() {
    return node == null ? start(NodeOptions.DEFAULTS) : node;
  }

  /** Starts the node, again if it has been stopped. */
  @CanIgnoreReturnValue
  final TestNode start(NodeOptions options) {
    node = TestNode.start(directory.resolve("data"), options);
    return node;
  }

  final Contents contents() {
    return new Contents(node(), directory.resolve("spill"));
  }

  @AfterEach
  void shouldLeaveNothingUncaught() {
    if (node != null) {
      List<Throwable> uncaught = node.uncaught();
      node.stop();
      assertEquals(List.of(), uncaught);
    }
  }
}
