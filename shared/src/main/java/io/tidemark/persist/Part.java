package io.tidemark.persist;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.tidemark.location.Arguments;
import io.tidemark.progress.BatchDescription;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Some updates of a batch. Reading a part first moves each time up to the rewrite, if there is one,
 * then keeps what lies in the part's own bounds: the object may hold more than is registered.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "part")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Part.Hollow.class, name = "hollow"),
  @JsonSubTypes.Type(value = Part.Inline.class, name = "inline")
})
public sealed interface Part {

  /** The range that the part is registered for. */
  BatchDescription bounds();

  /** The time that every update is moved up to, or null. */
  @Nullable Long rewrite();

  /** The number of the schema that the part was written under; null for the shard's first. */
  @Nullable Integer schema();

  /** The number of the schema that the part was written under. */
  static int schemaId(Part part) {
    Integer id = part.schema();
    return id == null ? 0 : id;
  }

  /** How many updates the part holds, before truncation: an upper bound of what reading gives. */
  long updates();

  /** A part that is named, not carried: one object of the blob store. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Hollow(
      String key,
      int bytes,
      int crc32c,
      long updates,
      BatchDescription bounds,
      @Nullable Long rewrite,
      @Nullable Integer schema)
      implements Part {

    public Hollow {
      Arguments.key(key);
      checkRewrite(bounds, rewrite);
      schema = stored(schema);
    }

    /** A part that was written under the shard's first schema. */
    public Hollow(
        String key,
        int bytes,
        int crc32c,
        long updates,
        BatchDescription bounds,
        @Nullable Long rewrite) {
      this(key, bytes, crc32c, updates, bounds, rewrite, null);
    }

    /** The same part, registered for {@code newBounds}. */
    public Hollow within(BatchDescription newBounds) {
      return new Hollow(key, bytes, crc32c, updates, newBounds, rewrite, schema);
    }
  }

  /** A small part that the shard's state carries itself, as a block (see {@code BlockCodec}). */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @SuppressWarnings("ArrayRecordComponent") // never written; equality is not asked for
  record Inline(
      byte[] block,
      long updates,
      BatchDescription bounds,
      @Nullable Long rewrite,
      @Nullable Integer schema)
      implements Part {

    public Inline {
      Objects.requireNonNull(block, "an inline part has no block");
      checkRewrite(bounds, rewrite);
      schema = stored(schema);
    }

    /** A part that was written under the shard's first schema. */
    public Inline(byte[] block, long updates, BatchDescription bounds, @Nullable Long rewrite) {
      this(block, updates, bounds, rewrite, null);
    }
  }

  /** The first schema is left out: states of before there were others read as they did. */
  private static @Nullable Integer stored(@Nullable Integer schema) {
    return schema == null || schema == 0 ? null : schema;
  }

  private static void checkRewrite(BatchDescription bounds, @Nullable Long rewrite) {
    Objects.requireNonNull(bounds, "a part has no bounds");
    if (rewrite != null && !bounds.contains(rewrite)) {
      throw new InvalidUsageException(
          InvalidUsageException.Rule.REWRITE,
          "a part cannot be rewritten to time " + rewrite + ", outside its bounds " + bounds);
    }
  }
}
