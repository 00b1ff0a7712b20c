package io.tidemark.launcher.demo;

import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlockBuilder;

/** Turns changes, one after the other, into the updates of one collection. */
interface Feed {

  /** The name of the collection. */
  String collection();

  Schema schema();

  /** Adds the updates of the next change; may be none. */
  void add(Change change, UpdateBlockBuilder into);
}
