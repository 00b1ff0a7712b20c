package io.tidemark.persist;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the name of a shard's object says.
 *
 * @param key the whole name
 * @param writer who uploaded it, if it is a part
 * @param rollupSeqno the version whose state it holds, if it is a rollup; else -1
 */
record ObjectName(String key, @Nullable WriterId writer, long rollupSeqno) {

  private static final Pattern PART = Pattern.compile("(w[0-9a-f]{32})/.+");
  private static final Pattern ROLLUP = Pattern.compile("([0-9]{1,18})/r.+");

  /** What the names of all objects of a shard begin with. */
  static String prefix(ShardId shard) {
    return shard + "/";
  }

  /** The name of an object of this shard; null if it is none of ours. */
  static @Nullable ObjectName parse(ShardId shard, String key) {
    String name = key.substring(prefix(shard).length());
    Matcher part = PART.matcher(name);
    if (part.matches()) {
      return new ObjectName(key, new WriterId(part.group(1)), -1);
    }
    Matcher rollup = ROLLUP.matcher(name);
    return rollup.matches() ? new ObjectName(key, null, Long.parseLong(rollup.group(1))) : null;
  }
}
