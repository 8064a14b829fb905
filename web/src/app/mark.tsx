// Parley's mark: two bubbles that face each other. Decoration.
export function Mark({ size }: { size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" className="fill-accent" />
      <path className="fill-on-accent" d="M8 10.5A3.5 3.5 0 0 1 11.5 7h6a3.5 3.5 0 0 1 0 7h-4.6L8 17.4z" />
      <path
        className="fill-on-accent opacity-60"
        d="M24 20.5a3.5 3.5 0 0 1-3.5 3.5h-6a3.5 3.5 0 0 1 0-7h4.6l4.9-3.4z"
      />
    </svg>
  );
}
