package io.tidemark.persist;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.tidemark.progress.Antichain;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How the batches of a spine lie in its levels, apart from the batches themselves. The groups of
 * the levels, the highest level first, take the batches in order, oldest first.
 *
 * @param levels the lowest first; some may be vacant
 */
record SpineShape(List<Level> levels) {

  SpineShape {
    levels = List.copyOf(levels);
  }

  /**
   * One level.
   *
   * @param merge what is going on between its two groups, if it has two
   * @param groups what counts as one batch each, older first
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Level(@Nullable Merge merge, List<Group> groups) {
    Level {
      groups = List.copyOf(groups);
    }
  }

  /**
   * A merge that is going on.
   *
   * @param since of the batch that it makes
   * @param remaining how many updates of work are left
   */
  record Merge(Antichain since, long remaining) {
    Merge {
      Objects.requireNonNull(since, "a merge has no since");
    }
  }

  /**
   * Consecutive batches that count as one.
   *
   * @param uppers for each of them, the number past its last; the first begins where the group
   *     before ends
   */
  record Group(Antichain since, List<Long> uppers) {
    Group {
      Objects.requireNonNull(since, "a group of batches has no since");
      uppers = List.copyOf(uppers);
    }
  }
}
