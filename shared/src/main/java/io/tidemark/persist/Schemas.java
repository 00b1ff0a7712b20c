package io.tidemark.persist;

import io.tidemark.row.Evolution;
import io.tidemark.row.InvalidRowException;
import io.tidemark.row.Schema;
import java.util.ArrayList;
import java.util.List;

/** The schemas of a shard, of which each has evolved from the one before. Immutable. */
final class Schemas {

  private final List<Schema> schemas;
  private final List<Evolution> evolutions;

  private Schemas(List<Schema> schemas, List<Evolution> evolutions) {
    this.schemas = schemas;
    this.evolutions = evolutions;
  }

  /** The schemas of a new shard. */
  static Schemas of(Schema first) {
    return new Schemas(List.of(first), List.of());
  }

  /** The first schema. */
  Schema first() {
    return schemas.get(0);
  }

  /** What led from the first schema to the newest, step by step. */
  List<Evolution> evolutions() {
    return evolutions;
  }

  /** The newest one. */
  VersionedSchema newest() {
    int id = schemas.size() - 1;
    return new VersionedSchema(id, schemas.get(id));
  }

  /** Whether a number is registered. */
  boolean has(int id) {
    return id >= 0 && id < schemas.size();
  }

  /**
   * The schema of a number.
   *
   * @throws CorruptShardException if it is not registered
   */
  Schema of(int id) {
    if (!has(id)) {
      throw new CorruptShardException(
          "schema " + id + " is not registered: the newest is " + newest());
    }
    return schemas.get(id);
  }

  /** The number of a schema that is registered; -1 if it is not. */
  int idOf(Schema schema) {
    return schemas.lastIndexOf(schema);
  }

  /** These up to a number that is registered. */
  Schemas upTo(int id) {
    return new Schemas(schemas.subList(0, id + 1), evolutions.subList(0, id));
  }

  /**
   * These, and the one that {@code evolution} leads to.
   *
   * @throws CorruptShardException if it does not fit the newest one
   */
  Schemas with(Evolution evolution) {
    List<Schema> more = new ArrayList<>(schemas);
    List<Evolution> steps = new ArrayList<>(evolutions);
    try {
      more.add(evolution.applyTo(newest().schema()));
    } catch (InvalidRowException e) {
      throw new CorruptShardException("a schema does not follow " + newest(), e);
    }
    steps.add(evolution);
    return new Schemas(List.copyOf(more), List.copyOf(steps));
  }
}
