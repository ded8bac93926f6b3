package io.sparsescope.onnx;

import java.util.ArrayList;
import java.util.List;

/**
 * A product of dimensions: a number times symbols.
 *
 * @param number the product of those that are known; 0 if any is 0, -1 if it fits no long
 * @param symbols those that are not known
 */
record DimProduct(long number, List<Dim> symbols) {

  static DimProduct of(List<Dim> dims) {
    List<Long> known = dims.stream().filter(Dim::isKnown).map(Dim::value).toList();
    return new DimProduct(
        Shapes.elements(known), dims.stream().filter(dim -> !dim.isKnown()).toList());
  }

  /** The product as one dimension. */
  Dim dim() {
    if (number < 0) {
      return Dim.unknown();
    }
    if (symbols.isEmpty() || number == 0) {
      return Dim.of(number);
    }
    return number == 1 && symbols.size() == 1 ? symbols.get(0) : Dim.unknown();
  }

  /** This divided by another product; symbols that both have cancel out. */
  Dim over(DimProduct divisor) {
    List<Dim> left = new ArrayList<>(symbols);
    boolean cancelled = divisor.symbols.stream().allMatch(left::remove);
    if (!cancelled || number < 0 || divisor.number <= 0 || number % divisor.number != 0) {
      return Dim.unknown();
    }
    return new DimProduct(number / divisor.number, left).dim();
  }
}
