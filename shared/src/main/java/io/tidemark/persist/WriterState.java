package io.tidemark.persist;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.tidemark.progress.Antichain;
import org.jspecify.annotations.Nullable;

/**
 * A registered writer.
 *
 * @param epoch the epoch that it was registered for
 * @param token the token of its last append, null before the first
 * @param upper the upper of its last append, {@code {0}} before the first
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
record WriterState(long epoch, @Nullable String token, Antichain upper) {}
