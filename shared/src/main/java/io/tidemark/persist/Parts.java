package io.tidemark.persist;

import io.tidemark.environment.Offload;
import io.tidemark.persist.part.CorruptPartException;
import io.tidemark.persist.part.PartReader;
import io.tidemark.progress.BatchDescription;
import io.tidemark.row.BlockCodec;
import io.tidemark.row.InvalidRowException;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlock;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Reads parts: fetches the object, checks it against the checksum that the state has, decodes it
 * under the schema that it was written under, brings it up to the newest one, moves times up to the
 * rewrite and drops what lies outside the bounds. What is damaged or missing fails with a {@link
 * CorruptShardException} that names it.
 */
final class Parts {

  private final ShardId shard;
  private final Schemas schemas;
  private final Schema newest;
  private final Function<String, Future<Optional<byte[]>>> objects;
  private final Offload offload;

  /**
   * @param schemas those that the parts may be of; what is read is of the newest
   * @param objects gets an object from the blob store, and tries again where that helps
   */
  Parts(
      ShardId shard,
      Schemas schemas,
      Function<String, Future<Optional<byte[]>>> objects,
      Offload offload) {
    this.shard = shard;
    this.schemas = schemas;
    this.newest = schemas.newest().schema();
    this.objects = objects;
    this.offload = offload;
  }

  /** The updates of either one hollow part or some inline ones. */
  Future<List<UpdateBlock>> read(List<? extends Part> step) {
    if (step.get(0) instanceof Part.Hollow hollow) {
      return objects
          .apply(hollow.key())
          .compose(file -> offload.call(() -> collect(updates -> decode(hollow, file, updates))));
    }
    return offload.call(
        () -> collect(updates -> step.forEach(p -> decodeInline((Part.Inline) p, updates))));
  }

  private static List<UpdateBlock> collect(Consumer<Consumer<UpdateBlock>> decoding) {
    List<UpdateBlock> blocks = new ArrayList<>();
    decoding.accept(blocks::add);
    return blocks;
  }

  private void decode(Part.Hollow part, Optional<byte[]> file, Consumer<UpdateBlock> updates) {
    if (file.isEmpty()) {
      throw new CorruptShardException(
          "shard " + shard + ": part " + part.key() + " is missing from the blob store");
    }
    try {
      PartReader reader = PartReader.open(schemaOf(part), file.get(), part.crc32c());
      for (UpdateBlock block = reader.next(); block != null; block = reader.next()) {
        pass(part, block, updates);
      }
    } catch (CorruptPartException e) {
      throw new CorruptShardException(
          "shard " + shard + ": part " + part.key() + " is damaged: " + e.getMessage(), e);
    }
  }

  private void decodeInline(Part.Inline part, Consumer<UpdateBlock> updates) {
    try {
      pass(part, BlockCodec.decode(schemaOf(part), part.block()), updates);
    } catch (InvalidRowException e) {
      throw new CorruptShardException(
          "shard " + shard + ": an inline part of " + part.bounds() + " is damaged", e);
    }
  }

  private Schema schemaOf(Part part) {
    return schemas.of(Part.schemaId(part));
  }

  private void pass(Part part, UpdateBlock block, Consumer<UpdateBlock> updates) {
    UpdateBlock kept = cut(part, block);
    if (!kept.isEmpty()) {
      updates.accept(kept.under(newest));
    }
  }

  /** What of a block of a part is the part's: moved up to the rewrite, and within the bounds. */
  static UpdateBlock cut(Part part, UpdateBlock block) {
    Long rewrite = part.rewrite();
    return within(part.bounds(), rewrite == null ? block : block.noEarlierThan(rewrite));
  }

  private static UpdateBlock within(BatchDescription bounds, UpdateBlock block) {
    boolean all = bounds.contains(block.minTime()) && bounds.contains(block.maxTime());
    return all ? block : block.select(i -> bounds.contains(block.times().get(i)));
  }
}
