package io.tidemark.persist;

import io.tidemark.progress.Antichain;
import io.tidemark.row.UpdateBlock;

/** What a {@link Listen} returns. */
public sealed interface ListenEvent {

  /**
   * Some updates, in no particular order, all at or past the frontier of the listen. Not
   * consolidated: two of them may cancel each other out.
   */
  record Updates(UpdateBlock block) implements ListenEvent {}

  /** All updates before {@code frontier} have been returned. Empty once the shard is sealed. */
  record Progress(Antichain frontier) implements ListenEvent {}
}
