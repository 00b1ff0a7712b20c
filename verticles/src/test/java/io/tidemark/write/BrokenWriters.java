package io.tidemark.write;

/** Writers that lack a check, on purpose. */
public final class BrokenWriters {

  private BrokenWriters() {}

  /** A writer that takes every message, whether it has taken it before or not. */
  public static WriteVerticle withoutSequence(WriteContext context) {
    return new WriteVerticle(
        context,
        (join, self, settings, port) ->
            new IngestWriter(join, self, settings, port) {
              @Override
              boolean isRepeat(Producer producer, long sequence) {
                return false;
              }
            });
  }
}
