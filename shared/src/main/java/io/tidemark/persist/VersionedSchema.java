package io.tidemark.persist;

import io.tidemark.row.Schema;
import java.util.Objects;

/**
 * A schema under the number that a shard has registered it with.
 *
 * @param id counts the schemas of a shard from 0: each has evolved from the one before
 */
public record VersionedSchema(int id, Schema schema) {

  public VersionedSchema {
    Objects.requireNonNull(schema, "a schema has no columns");
    if (id < 0) {
      throw new IllegalArgumentException("a schema with number " + id);
    }
  }

  /** The schema that a shard begins with. */
  public static VersionedSchema first(Schema schema) {
    return new VersionedSchema(0, schema);
  }
}
