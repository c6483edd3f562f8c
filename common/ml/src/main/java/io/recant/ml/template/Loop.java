package io.recant.ml.template;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code for targets in items if filter}: every turn has variables of its own.
 *
 * @param otherwise runs where there are no items
 */
record Loop(
    List<String> targets, Expression items, Expression filter, Statement body, Statement otherwise)
    implements Statement {

  @Override
  public Next run(Scope scope) {
    List<Object> kept = new ArrayList<>();
    for (Object item : Values.items(items.value(scope))) {
      scope.output().step();
      Scope inner = scope.inner();
      StatementParser.assign(targets, item, inner);
      if (Values.isTrue(filter.value(inner))) {
        kept.add(item);
      }
    }
    if (kept.isEmpty()) {
      return otherwise.run(scope.inner());
    }
    for (int i = 0; i < kept.size(); i++) {
      Scope inner = scope.inner();
      inner.set("loop", place(kept, i));
      StatementParser.assign(targets, kept.get(i), inner);
      if (body.run(inner) == Next.BREAK) {
        break;
      }
    }
    return Next.GO_ON;
  }

  private static Object place(List<Object> items, int index) {
    int size = items.size();
    Map<String, Object> values = new HashMap<>();
    values.put("index", index + 1L);
    values.put("index0", (long) index);
    values.put("revindex", (long) size - index);
    values.put("revindex0", size - index - 1L);
    values.put("first", index == 0);
    values.put("last", index == size - 1);
    values.put("length", (long) size);
    values.put("previtem", index == 0 ? new Undefined("previtem") : items.get(index - 1));
    values.put("nextitem", index == size - 1 ? new Undefined("nextitem") : items.get(index + 1));
    return new Namespace(values);
  }
}
