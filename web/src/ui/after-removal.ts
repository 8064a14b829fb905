const framesMax = 120;

/**
 * Calls back once no row of that id is on the page, which may be some frames after what removes it was decided; or after two
 * seconds. @param id of `data-row`: one of ours, a UUID
 */
export function afterRemoval(id: string, then: () => void, framesLeft = framesMax): void {
  requestAnimationFrame(() => {
    const isThere = document.querySelector(`[data-row="${id}"]`) !== null;
    if (isThere && framesLeft > 0) afterRemoval(id, then, framesLeft - 1);
    else then();
  });
}
