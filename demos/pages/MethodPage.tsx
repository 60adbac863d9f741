export function MethodPage() {
  return <p>soon</p>;
}
