package io.tidemark.persist;

import io.tidemark.row.UpdateBlock;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;

/** Moves what a batch carries inline into parts of the blob store. */
final class InlineFlush {

  private final Parts parts;
  private final PartTarget target;

  InlineFlush(Parts parts, PartTarget target) {
    this.parts = parts;
    this.target = target;
  }

  /**
   * The same batch without inline parts: their updates are in new parts, the others as they were.
   */
  Future<Batch> flush(Batch batch) {
    List<Part.Inline> inline = new ArrayList<>();
    List<Part> hollow = new ArrayList<>();
    for (Part part : batch.parts()) {
      if (part instanceof Part.Inline small) {
        inline.add(small);
      } else {
        hollow.add(part);
      }
    }
    return parts
        .read(inline)
        .compose(blocks -> encode(batch, blocks))
        .map(closed -> flushed(batch, closed, hollow));
  }

  private Future<List<PartStream.Closed>> encode(Batch batch, List<UpdateBlock> blocks) {
    long lower = batch.description().lower().time();
    PartStream stream = new PartStream(target, BatchBuilder.Times.GIVEN, lower, bytes -> {});
    return stream.addAll(blocks).compose(encoded -> stream.finish(lower));
  }

  private static Batch flushed(Batch batch, List<PartStream.Closed> closed, List<Part> hollow) {
    List<Part> all = new ArrayList<>();
    for (PartStream.Closed part : closed) {
      all.add(part.part(part.range(), null));
    }
    all.addAll(hollow);
    if (batch.compaction() == null) {
      return new Batch(batch.description(), all);
    }
    int inline = batch.parts().size() - hollow.size();
    int runs = batch.runs() - inline + closed.size();
    return new Batch(
        batch.description(), all, new Batch.Compaction(batch.compaction().since(), runs));
  }
}
