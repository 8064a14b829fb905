/**
 * Solves a symmetric positive definite system by Cholesky's decomposition: `matrix` row by row, of which the lower half is read and
 * written over, and its right side.
 */
export function solve(matrix: Float64Array, right: Float64Array): Float64Array {
  const size = right.length;
  for (let row = 0; row < size; row += 1) {
    const rowAt = row * size;
    for (let column = 0; column <= row; column += 1) {
      const columnAt = column * size;
      let rest = matrix[rowAt + column] as number;
      for (let k = 0; k < column; k += 1)
        rest -= (matrix[rowAt + k] as number) * (matrix[columnAt + k] as number);
      matrix[rowAt + column] =
        row === column ? Math.sqrt(Math.max(rest, 1e-12)) : rest / (matrix[columnAt + column] as number);
    }
  }
  const solution = right.slice();
  for (let row = 0; row < size; row += 1) {
    let rest = solution[row] as number;
    for (let k = 0; k < row; k += 1) rest -= (matrix[row * size + k] as number) * (solution[k] as number);
    solution[row] = rest / (matrix[row * size + row] as number);
  }
  for (let row = size - 1; row >= 0; row -= 1) {
    let rest = solution[row] as number;
    for (let k = row + 1; k < size; k += 1)
      rest -= (matrix[k * size + row] as number) * (solution[k] as number);
    solution[row] = rest / (matrix[row * size + row] as number);
  }
  return solution;
}
