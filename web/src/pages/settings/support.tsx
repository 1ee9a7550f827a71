export function Support() { return <p />; }
